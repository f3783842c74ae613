# Input: the spaces of a seed, and what is known of its cells. Output: how well a state is told within a type.
