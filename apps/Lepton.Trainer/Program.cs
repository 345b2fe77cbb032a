using Lepton.Trainer.Ecg;
return EcgDataset.Write(args[0], args[1]);
