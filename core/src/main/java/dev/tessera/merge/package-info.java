/**
 * Aligns chunk scenes into one world: edges between chunks that share views, what each chunk knows
 * of the world from GPS, and the pose graph that gives every chunk its similarity.
 *
 * <p>A small change of a similarity is seven numbers in the order rotation vector (3, radians),
 * translation (3), log scale (1), applied on the left: see {@link dev.tessera.merge.Sim3Tangent}.
 */
package dev.tessera.merge;
