"""What is well-formed, and the words of the API docs: marshmallow schemas, one file a noun."""
