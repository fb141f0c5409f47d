"""Random inputs, for seconds in the tests and for minutes by `make fuzz`."""
