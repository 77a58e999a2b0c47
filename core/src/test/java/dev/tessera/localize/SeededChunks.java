package dev.tessera.localize;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.map.Bounds;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.merge.MapFrames.Status;
import dev.tessera.partition.ChunkId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Chunks of maps that do not exist. */
final class SeededChunks {
  private SeededChunks() {}

  /** Boxes of up to 60 m anywhere in a square; some on top of each other, some mere points. */
  static List<PlacedChunk> scattered(long seed, int count, double sideMeters) {
    SplittableRandom random = new SplittableRandom(seed);
    List<PlacedChunk> chunks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (i > 0 && random.nextInt(10) == 0) {
        chunks.add(chunk(i, true, chunks.get(random.nextInt(i)).cameras()));
      } else {
        double width = random.nextInt(5) == 0 ? 0 : random.nextDouble(60);
        double depth = random.nextInt(5) == 0 ? 0 : random.nextDouble(60);
        chunks.add(chunk(i, true, at(position(random, sideMeters), width, depth)));
      }
    }
    return chunks;
  }

  /** Boxes of 50 m side by side, as a partition of a city leaves them. */
  static List<PlacedChunk> grid(int columns, int rows) {
    List<PlacedChunk> chunks = new ArrayList<>();
    for (int i = 0; i < columns * rows; i++) {
      Vec3 corner = new Vec3(50.0 * (i % columns), 50.0 * (i / columns), 40);
      chunks.add(chunk(i, true, at(corner, 50, 50)));
    }
    return chunks;
  }

  static PlacedChunk chunk(int id, boolean georeferenced, Bounds cameras) {
    Sim3 worldFromChunk = new Sim3(2, Quaternion.IDENTITY, new Vec3(id, 0, 0));
    return new PlacedChunk(
        new ChunkFrame(
            new ChunkId(id),
            worldFromChunk,
            georeferenced ? 0 : 1,
            georeferenced,
            1,
            1,
            0.1,
            1,
            1,
            georeferenced ? Status.ANCHORED : Status.FLOATING),
        cameras);
  }

  static Bounds at(Vec3 corner, double width, double depth) {
    return Bounds.empty().including(corner).including(corner.plus(new Vec3(width, depth, 5)));
  }

  static Vec3 position(SplittableRandom random, double sideMeters) {
    return new Vec3(
        random.nextDouble(sideMeters), random.nextDouble(sideMeters), random.nextDouble(100));
  }
}
