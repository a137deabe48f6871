"""The built-in illustrator: reads a text, arranges icons as a scene, and paints it in a style."""
