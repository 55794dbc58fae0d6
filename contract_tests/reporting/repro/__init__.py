"""Scripts that show a flaw again from nothing: POSIX sh and curl, made from what the run exchanged."""
