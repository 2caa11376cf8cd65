"""What units declare, looked at across the tree: headcounts beside the lists, titles beside their targets."""
