"""What is counted of the pairs and the vectors, and how sure it is."""
