"""How a site comes by its look: the theme catalogue, template and static lookup, design tokens as CSS."""
