"""How variants are made: recipes, data, and one resumable loop for every task."""
