package dev.tessera.map;

import dev.tessera.geometry.Vec3;

/**
 * What has been seen in one voxel. Everything is summed in whole numbers (positions relative to the
 * voxel's corner, weights in 1/65535), so that the result is the same to the last bit however the
 * points are split and in whatever order parts are merged. Points of one chunk are added; what
 * chunks have seen is merged. Mutable, not for several threads.
 *
 * <p>Sums hold 2^27 points of full weight.
 */
final class Voxel {
  /** Weight of a point with confidence 1. */
  private static final int FULL_WEIGHT = 65535;

  /** Steps of a position along the voxel's edge. */
  private static final int STEP_BITS = 20;

  private static final int STEPS = 1 << STEP_BITS;

  private long weight;
  private long weightX;
  private long weightY;
  private long weightZ;
  private long weightR;
  private long weightG;
  private long weightB;
  private long observations;
  private long count;
  private int chunks;

  // The strongest contribution: highest confidence, most observations, lowest image, lowest chunk.
  private float bestConfidence = -1;
  private int bestObservations;
  private long bestImage;
  private int bestChunk;

  /** Forgets everything. */
  void clear() {
    weight = 0;
    weightX = 0;
    weightY = 0;
    weightZ = 0;
    weightR = 0;
    weightG = 0;
    weightB = 0;
    observations = 0;
    count = 0;
    chunks = 0;
    bestConfidence = -1;
    bestObservations = 0;
    bestImage = 0;
    bestChunk = 0;
  }

  /**
   * Adds a point of the voxel whose lowest corner is given.
   *
   * @throws IllegalArgumentException if there are points of another chunk
   */
  void add(MapPoint point, Vec3 corner, double edgeMeters) {
    if (count > 0 && (chunks > 1 || point.chunkId() != bestChunk)) {
      throw new IllegalArgumentException(
          "Cannot add a point of chunk %d to what others have seen".formatted(point.chunkId()));
    }
    Vec3 offset = point.xInWorld().minus(corner).times(STEPS / edgeMeters);
    addWeighted(
        weightOf(point.confidence()),
        steps(offset.x()),
        steps(offset.y()),
        steps(offset.z()),
        point.rgb());
    observations += point.observations();
    count++;
    chunks = 1;
    offer(point.confidence(), point.observations(), point.imageId(), point.chunkId());
  }

  private static long weightOf(float confidence) {
    return Math.max(1, Math.round(Math.min(confidence, 1f) * (double) FULL_WEIGHT));
  }

  private void addWeighted(long w, long x, long y, long z, int rgb) {
    weight += w;
    weightX += w * x;
    weightY += w * y;
    weightZ += w * z;
    weightR += w * (rgb >> 16 & 0xff);
    weightG += w * (rgb >> 8 & 0xff);
    weightB += w * (rgb & 0xff);
  }

  /** Adds all that other chunks have seen in the same place. */
  void merge(Voxel o) {
    weight += o.weight;
    weightX += o.weightX;
    weightY += o.weightY;
    weightZ += o.weightZ;
    weightR += o.weightR;
    weightG += o.weightG;
    weightB += o.weightB;
    observations += o.observations;
    count += o.count;
    chunks += o.chunks;
    if (o.count > 0) {
      offer(o.bestConfidence, o.bestObservations, o.bestImage, o.bestChunk);
    }
  }

  /** Points that went in. */
  long count() {
    return count;
  }

  /** The photo of the strongest contribution. */
  long bestImage() {
    return bestImage;
  }

  /**
   * Writes what one chunk has seen. A single point, the most common case, is written as it is: its
   * sums follow from it.
   */
  void write(RunBytes out, int imageIndex) {
    out.writeVarint(count);
    out.writeBytes(Float.floatToRawIntBits(bestConfidence), Float.BYTES);
    out.writeVarint(bestObservations);
    out.writeVarint(imageIndex);
    if (count == 1) {
      out.writeBytes(
          weightX / weight | weightY / weight << STEP_BITS | weightZ / weight << 2 * STEP_BITS,
          Long.BYTES);
      out.writeBytes(weightR / weight << 16 | weightG / weight << 8 | weightB / weight, 3);
    } else {
      out.writeVarint(weight);
      out.writeVarint(weightX);
      out.writeVarint(weightY);
      out.writeVarint(weightZ);
      out.writeVarint(weightR);
      out.writeVarint(weightG);
      out.writeVarint(weightB);
      out.writeVarint(observations);
    }
  }

  /** Becomes what was written. */
  void read(RunBytes.Reader in, long[] images, int chunk) {
    clear();
    count = in.readVarint();
    chunks = 1;
    bestChunk = chunk;
    bestConfidence = Float.intBitsToFloat((int) in.readBytes(Float.BYTES));
    bestObservations = (int) in.readVarint();
    bestImage = images[(int) in.readVarint()];
    if (count == 1) {
      long xyz = in.readBytes(Long.BYTES);
      int rgb = (int) in.readBytes(3);
      long mask = STEPS - 1L;
      addWeighted(
          weightOf(bestConfidence),
          xyz & mask,
          xyz >>> STEP_BITS & mask,
          xyz >>> 2 * STEP_BITS & mask,
          rgb);
      observations = bestObservations;
    } else {
      weight = in.readVarint();
      weightX = in.readVarint();
      weightY = in.readVarint();
      weightZ = in.readVarint();
      weightR = in.readVarint();
      weightG = in.readVarint();
      weightB = in.readVarint();
      observations = in.readVarint();
    }
  }

  /**
   * The fused point: mean position and colour weighted by confidence, photo and chunk and
   * confidence of the strongest contribution, observations and chunks counted. It lies inside the
   * voxel: a step stands for its middle.
   */
  MapPoint fused(Vec3 corner, double edgeMeters) {
    if (count == 0) {
      throw new IllegalArgumentException("Cannot fuse an empty voxel");
    }
    double step = edgeMeters / STEPS;
    Vec3 offset = new Vec3(mid(weightX) * step, mid(weightY) * step, mid(weightZ) * step);
    int rgb = mean(weightR) << 16 | mean(weightG) << 8 | mean(weightB);
    int seen = (int) Math.min(observations, Integer.MAX_VALUE);
    return new MapPoint(
        corner.plus(offset), rgb, bestConfidence, bestImage, bestChunk, seen, chunks);
  }

  private double mid(long weightedSteps) {
    return (double) weightedSteps / weight + 0.5;
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
