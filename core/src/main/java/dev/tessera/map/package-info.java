/**
 * The published map's building stones: keys and tiles of space, fusion of points into voxels,
 * levels of detail, and the metadata that lets others read it. Coordinates are ENU metres.
 */
package dev.tessera.map;
