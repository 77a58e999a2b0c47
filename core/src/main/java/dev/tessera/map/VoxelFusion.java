package dev.tessera.map;

import dev.tessera.geometry.Vec3;
import java.io.Serializable;

/**
 * Fuses the points of one voxel into one. A voxel is a cube of {@code 2^levels} Morton cells per
 * edge, so its name is a prefix of its points' keys.
 */
public record VoxelFusion(Morton morton, int levels) implements Serializable {
  public VoxelFusion {
    if (levels < 0 || levels >= Morton.BITS) {
      throw new IllegalArgumentException("Voxel levels must be in 0..20, was " + levels);
    }
  }

  /** The smallest voxels with at least the asked edge. */
  public static VoxelFusion ofEdge(Morton morton, double atLeastMeters) {
    int levels = 0;
    while (levels < Morton.BITS - 1 && (1L << levels) * morton.cellMeters() < atLeastMeters) {
      levels++;
    }
    return new VoxelFusion(morton, levels);
  }

  public double edgeMeters() {
    return (1L << levels) * morton.cellMeters();
  }

  /** Name of the voxel a point lies in: group by it. */
  public long voxelOf(MapPoint point) {
    return Morton.prefix(morton.encode(point.xInWorld()), levels);
  }

  /** Adds a point to the accumulator of its voxel, which has that name. */
  void add(Voxel voxel, long voxelName, MapPoint point) {
    voxel.add(point, corner(voxelName), edgeMeters());
  }

  /** The point that stands for all of the voxel; it lies inside the voxel. */
  MapPoint fused(long voxelName, Voxel voxel) {
    return voxel.fused(corner(voxelName), edgeMeters());
  }

  private Vec3 corner(long voxelName) {
    return morton.corner(voxelName, levels);
  }
}
