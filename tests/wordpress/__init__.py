"""Real WordPress blogs as neighbours: what a build sends must stand in their database."""
