"""JSON-RPC at `POST /api`: vAPI's protocol 2.0, as the official bindings speak it, on the same domain.

A request names a service and an operation (`operations`), which are those of the other dialects under other names.
What it brings and gets are data values (`datatypes`), whose structures are named (`structures`).
"""
