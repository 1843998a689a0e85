Console.WriteLine("DataPlatform");
