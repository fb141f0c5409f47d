"""The tests of Reelseek, one folder for each room of `core`; what several need lies here."""
