"""The simulated outside world: department systems as real HTTP servers, for the demo, the tests and the benchmarks."""
