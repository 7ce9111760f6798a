"""What a vetter looks at in a transit signal, each test a declared row."""
