package dev.tessera.map;

import dev.tessera.geometry.Vec3;
import java.io.Serializable;

/**
 * What has been seen in one voxel. Everything is summed in whole numbers (positions relative to the
 * voxel's corner, weights in 1/65535), so that the result is the same to the last bit however the
 * points are split and in whatever order parts are merged. Mutable, not for several threads.
 *
 * <p>Sums hold 2^27 points of full weight.
 */
public final class Voxel implements Serializable {
  /** Weight of a point with confidence 1. */
  private static final int FULL_WEIGHT = 65535;

  /** Steps of a position along the voxel's edge. */
  private static final int STEPS = 1 << 20;

  private long weight;
  private long weightX;
  private long weightY;
  private long weightZ;
  private long weightR;
  private long weightG;
  private long weightB;
  private long observations;
  private long count;

  // The strongest contribution: highest confidence, most observations, lowest image, lowest chunk.
  private float bestConfidence = -1;
  private int bestObservations;
  private long bestImage;
  private int bestChunk;

  /** Adds a point of the voxel whose lowest corner is given. */
  void add(MapPoint point, Vec3 corner, double edgeMeters) {
    long w = Math.max(1, Math.round(Math.min(point.confidence(), 1f) * (double) FULL_WEIGHT));
    Vec3 offset = point.xInWorld().minus(corner).times(STEPS / edgeMeters);
    weight += w;
    weightX += w * steps(offset.x());
    weightY += w * steps(offset.y());
    weightZ += w * steps(offset.z());
    weightR += w * (point.rgb() >> 16 & 0xff);
    weightG += w * (point.rgb() >> 8 & 0xff);
    weightB += w * (point.rgb() & 0xff);
    observations += point.observations();
    count++;
    offer(point.confidence(), point.observations(), point.imageId(), point.chunkId());
  }

  /** Adds all that the other voxel of the same place has seen. */
  public Voxel merge(Voxel o) {
    weight += o.weight;
    weightX += o.weightX;
    weightY += o.weightY;
    weightZ += o.weightZ;
    weightR += o.weightR;
    weightG += o.weightG;
    weightB += o.weightB;
    observations += o.observations;
    count += o.count;
    if (o.count > 0) {
      offer(o.bestConfidence, o.bestObservations, o.bestImage, o.bestChunk);
    }
    return this;
  }

  /** Points that went in. */
  public long count() {
    return count;
  }

  /**
   * The fused point: mean position and colour weighted by confidence, photo and chunk and
   * confidence of the strongest contribution, observations summed.
   */
  MapPoint fused(Vec3 corner, double edgeMeters) {
    if (count == 0) {
      throw new IllegalArgumentException("Cannot fuse an empty voxel");
    }
    double perStep = edgeMeters / STEPS / weight;
    Vec3 offset = new Vec3(weightX * perStep, weightY * perStep, weightZ * perStep);
    int rgb = mean(weightR) << 16 | mean(weightG) << 8 | mean(weightB);
    int seen = (int) Math.min(observations, Integer.MAX_VALUE);
    return new MapPoint(corner.plus(offset), rgb, bestConfidence, bestImage, bestChunk, seen);
  }

  private int mean(long weighted) {
    return (int) ((weighted + weight / 2) / weight);
  }

  private static long steps(double offset) {
    return Math.max(0, Math.min(STEPS - 1L, (long) Math.floor(offset)));
  }

  private void offer(float confidence, int seen, long image, int chunk) {
    int order = Float.compare(confidence, bestConfidence);
    order = order != 0 ? order : Integer.compare(seen, bestObservations);
    order = order != 0 ? order : Long.compare(bestImage, image);
    order = order != 0 ? order : Integer.compare(bestChunk, chunk);
    if (order > 0) {
      bestConfidence = confidence;
      bestObservations = seen;
      bestImage = image;
      bestChunk = chunk;
    }
  }
}
