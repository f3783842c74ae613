"""How a job runs, and what a study will take."""
