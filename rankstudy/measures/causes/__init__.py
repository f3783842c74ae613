"""Is it the encoding or the sequencer: encodings at other depths, of twins, and under other rules for ties."""
