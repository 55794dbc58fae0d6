"""Traffic: exchanges, what is taken out of them before they are kept, and the archive that keeps them."""
