/**
 * Engines that turn a chunk's views into a scene, behind one interface. An engine choice is data
 * ({@link dev.tessera.reconstruct.EngineSpec}) that travels to executors and opens itself there.
 */
package dev.tessera.reconstruct;
