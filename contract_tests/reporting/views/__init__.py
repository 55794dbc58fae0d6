"""A report for its readers: pages, Markdown, terminal, badge."""
