"""A right server of another make: written from the documents, without a look at the suite's mock or its checks.

Whatever the documents leave open is a switch (freedoms.py), so that the suite can be shown many servers that are all
right and answer differently. One that is accused shows a mistake of the suite, or one of this server.
"""
