"""`vigie demo`: the real service on simulated préfectures, with weeks of history made by the same code."""
