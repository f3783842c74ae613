"""What an encoding shows of a change of one gene, in closed form: one file for each kind of what is kept."""
