# Input: embeddings that a user brings, and cells for models that run elsewhere. Output: spaces, their audit, and exports.
