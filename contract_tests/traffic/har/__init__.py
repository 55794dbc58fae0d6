"""The entries of an HTTP Archive: exchanges written and read back, in the form of today and in the first one."""
