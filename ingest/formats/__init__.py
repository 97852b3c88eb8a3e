"""What the sources share or do at length: records, cells and frames of one format or family."""
