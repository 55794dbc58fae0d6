"""How a run behaves: exit codes, what is collected, what is reported."""
