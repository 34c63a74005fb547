"""One file per path family; methods are named as the operations. Nested as the paths are."""
