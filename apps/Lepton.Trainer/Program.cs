using System.CommandLine;
using Lepton.Trainer.Ecg;
using Lepton.Trainer.Heads;
using Lepton.Trainer.Street;
using Lepton.Trainer.Streams;

var dataset = new Command("dataset", "Write a training set with the same front end that serves") { EcgCommands.Dataset(), StreetCommands.Dataset() };
var evaluate = new Command("evaluate", "Run models through the serving path and print their scores") { EcgCommands.Evaluate(), StreetCommands.Evaluate() };
return new RootCommand("Training of Lepton's models") { dataset, evaluate, HeadCommand.Create(), StreamsCommand.Create() }.Parse(args).Invoke();
