/**
 * Points, rotations, rigid and similarity transforms, pinhole cameras and robust estimators.
 *
 * <p>A transform is called {@code bFromA} and maps a point given in frame a to frame b: {@code xInB
 * = bFromA.apply(xInA)}. Camera axes are x right, y down, z forward. Knows no other package.
 */
package dev.tessera.geometry;
