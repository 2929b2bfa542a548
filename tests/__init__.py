"""The tests: unit, interop with real peers, faults, language server, real editor, benchmarks."""
