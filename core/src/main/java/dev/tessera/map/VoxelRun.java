package dev.tessera.map;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one chunk, or a part of it, has seen: its voxels in ascending order, in about 20 bytes each.
 * This is what a map's points are while they are kept and moved; they become objects one at a time.
 */
public final class VoxelRun implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int component;
  private final int chunk;
  private final int voxels;
  private final long firstVoxel;
  private final long lastVoxel;
  private final long[] images; // those that voxels name, by index
  private final byte[] bytes; // per voxel: step from the name before, then what was seen

  private VoxelRun(
      int component,
      int chunk,
      int voxels,
      long firstVoxel,
      long lastVoxel,
      long[] images,
      byte[] bytes) {
    this.component = component;
    this.chunk = chunk;
    this.voxels = voxels;
    this.firstVoxel = firstVoxel;
    this.lastVoxel = lastVoxel;
    this.images = images;
    this.bytes = bytes;
  }

  /**
   * Fuses the points of a chunk among themselves.
   *
   * @param points all of one chunk, in the world, in any order
   * @throws IllegalArgumentException if there are none, or points of several chunks
   */
  public static VoxelRun of(int component, VoxelFusion fusion, List<MapPoint> points) {
    if (points.isEmpty()) {
      throw new IllegalArgumentException("Cannot make a run of no points");
    }
    long[] names = new long[points.size()];
    for (int i = 0; i < names.length; i++) {
      names[i] = fusion.voxelOf(points.get(i));
    }
    Writer writer = new Writer(component, points.get(0).chunkId());
    Voxel voxel = new Voxel();
    long name = -1;
    for (int i : KeyOrder.of(names)) {
      if (names[i] != name) {
        writer.addUnlessEmpty(name, voxel);
        voxel.clear();
        name = names[i];
      }
      fusion.add(voxel, name, points.get(i));
    }
    writer.addUnlessEmpty(name, voxel);
    return writer.run();
  }

  public int component() {
    return component;
  }

  public int voxels() {
    return voxels;
  }

  /** Size of what was seen, without the fixed part. */
  public int bytes() {
    return bytes.length;
  }

  Cursor cursor() {
    return new Cursor(this);
  }

  /**
   * Name of every k-th voxel, the first among them.
   *
   * @param most how many names, at most
   */
  public long[] quantiles(int most) {
    int every = (voxels + most - 1) / most;
    long[] names = new long[(voxels + every - 1) / every];
    Cursor cursor = cursor();
    for (int i = 0; cursor.advance(); i++) {
      if (i % every == 0) {
        names[i / every] = cursor.name();
      }
    }
    return names;
  }

  /** Bounds of its fused points. */
  public Bounds bounds(VoxelFusion fusion) {
    Bounds bounds = Bounds.empty();
    Cursor cursor = cursor();
    while (cursor.advance()) {
      bounds = bounds.including(fusion.fused(cursor.name(), cursor.voxel()).xInWorld());
    }
    return bounds;
  }

  /**
   * The run in pieces, one for each tile in which it has voxels, in order.
   *
   * @param levels a tile's edge is {@code 2^levels} voxels
   */
  public List<VoxelRun> cut(int levels) {
    List<VoxelRun> pieces = new ArrayList<>();
    if (Morton.prefix(firstVoxel, levels) == Morton.prefix(lastVoxel, levels)) {
      pieces.add(this);
      return pieces;
    }
    Cursor cursor = cursor();
    Writer writer = new Writer(component, chunk);
    while (cursor.advance()) {
      if (!writer.isEmpty()
          && Morton.prefix(writer.last, levels) != Morton.prefix(cursor.name(), levels)) {
        pieces.add(writer.run());
        writer = new Writer(component, chunk);
      }
      writer.addUnlessEmpty(cursor.name(), cursor.voxel());
    }
    pieces.add(writer.run());
    return pieces;
  }

  /** Name of the first voxel: the lowest. */
  public long firstVoxel() {
    return firstVoxel;
  }

  /** Walks over a run, voxel by voxel. Stands before the first until it is advanced. */
  static final class Cursor {
    private final VoxelRun run;
    private final RunBytes.Reader reader;
    private final Voxel voxel = new Voxel();
    private long name;

    private Cursor(VoxelRun run) {
      this.run = run;
      this.reader = new RunBytes.Reader(run.bytes);
      this.name = run.firstVoxel;
    }

    /** Goes to the next voxel; false behind the last. */
    boolean advance() {
      if (!reader.hasNext()) {
        return false;
      }
      name += reader.readVarint();
      voxel.read(reader, run.images, run.chunk);
      return true;
    }

    int component() {
      return run.component;
    }

    long name() {
      return name;
    }

    /** What was seen in it: another at each step, in the same object. */
    Voxel voxel() {
      return voxel;
    }
  }

  /** Makes a run of voxels that come in order. */
  private static final class Writer {
    private final int component;
    private final int chunk;
    private final RunBytes out = new RunBytes();
    private final Map<Long, Integer> images = new HashMap<>();
    private int voxels;
    private long first;
    private long last;

    Writer(int component, int chunk) {
      this.component = component;
      this.chunk = chunk;
    }

    boolean isEmpty() {
      return voxels == 0;
    }

    void addUnlessEmpty(long name, Voxel voxel) {
      if (voxel.count() == 0) {
        return;
      }
      if (voxels == 0) {
        first = name;
        last = name;
      }
      out.writeVarint(name - last);
      voxel.write(out, images.computeIfAbsent(voxel.bestImage(), image -> images.size()));
      last = name;
      voxels++;
    }

    VoxelRun run() {
      long[] byIndex = new long[images.size()];
      images.forEach((image, index) -> byIndex[index] = image);
      return new VoxelRun(component, chunk, voxels, first, last, byIndex, out.toArray());
    }
  }
}
