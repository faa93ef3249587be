export { type Drawing, type DrawnEdge, type DrawnNode, type DrawnPort, type Layouter, layOut } from './layout.ts';
export { type Graph, type GraphNode, type GraphPort, graphOf, openTo, shownPorts, visible } from './model.ts';
export { svgOf } from './svg.ts';
export { cut, fonts, measures, type Palette, palettes, textWidth } from './theme.ts';
