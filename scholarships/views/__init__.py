"""The pages of giving. A view reads the request, calls one verb or one query, and renders."""
