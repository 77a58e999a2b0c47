/**
 * What a scene of the classical engine remembers: some thousand landmarks, each with a key made of
 * what it looks like and a value that says where it is; and the pose of a photo that sees them.
 */
package dev.tessera.landmarks;
