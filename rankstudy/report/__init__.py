"""What people read: figures, the article, the documentation that is generated."""
