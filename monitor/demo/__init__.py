"""`vigie demo`: the real service over simulated préfectures, and weeks of history by the same pipeline."""
