"""What people and models think of the replies of a board."""
