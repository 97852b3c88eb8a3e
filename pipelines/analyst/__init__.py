"""What analysts use: SQL on the newest snapshot, metrics by name, copies in other formats."""
