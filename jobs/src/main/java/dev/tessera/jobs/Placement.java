package dev.tessera.jobs;

import dev.tessera.merge.MapFrames.ChunkFrame;
import java.io.Serializable;

/**
 * A chunk in the map.
 *
 * @param storeKey where its scene is
 */
record Placement(ChunkFrame frame, String storeKey) implements Serializable {}
