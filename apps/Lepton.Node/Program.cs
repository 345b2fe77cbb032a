using Lepton.Node;

// A node of any tier: the code is the same, the role is configuration (README.md lists the environment).
return await NodeHost.RunAsync(args);
