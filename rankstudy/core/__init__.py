"""What everything stands on: errors, files, tables, identities, seeds, threads, progress."""
