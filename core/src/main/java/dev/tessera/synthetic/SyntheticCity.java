package dev.tessera.synthetic;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.ViewId;
import dev.tessera.merge.ChunkNode;
import dev.tessera.merge.Edge;
import dev.tessera.merge.GpsEvidence;
import dev.tessera.merge.GpsFix;
import dev.tessera.merge.Sim3Tangent;
import dev.tessera.partition.ChunkId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * A city as the pose graph sees it, without a pixel: chunks on a grid in gauges of their own, edges
 * between neighbours, GPS, and everything that goes wrong with them; the truth is known.
 *
 * <p>Noise of an edge: 0.5 degrees of rotation, 1 % of the distance, 1 % of scale. GPS settles a
 * chunk to 2 m along each axis, 3 degrees and 4 % of scale: four fixes of 4 m on the corners of a
 * tetrahedron, for which 2 m and 3 degrees leave no better scale. Every draw has a seed of its own,
 * so what goes wrong in one place changes nothing elsewhere.
 */
public final class SyntheticCity {
  public static final double EDGE_ROTATION_SIGMA_DEGREES = 0.5;
  public static final double EDGE_RELATIVE_SIGMA = 0.01;
  public static final double GPS_SIGMA_METERS = 2;
  public static final double WRONG_SCALE = 1.5;

  /** Half the edge of the cube on whose corners the fixes stand: leaves 3 degrees of rotation. */
  private static final double FIX_ARM_METERS = 27;

  private static final double BAD_GPS_SIGMA_METERS = 200;
  private static final double BAD_LOG_SCALE_SIGMA = 0.5;
  private static final double TILT_SIGMA_DEGREES = 5;
  private static final double LOG_GAUGE_SIGMA = 0.3;
  private static final int SEAM_EDGES = 3;
  private static final int PHOTOS_PER_CHUNK = 50;

  /** What a draw is for; part of its seed. */
  private enum Draw {
    FRAME,
    FIXES,
    BAD_GPS,
    EDGE,
    BAD_EDGE,
    SEAM,
    REGION,
    WRONG
  }

  private final CityOptions options;
  private final int columns;
  private final List<Sim3> worldFromChunk = new ArrayList<>();
  private final List<ChunkNode> nodes = new ArrayList<>();
  private final List<Edge> edges = new ArrayList<>();
  private final Set<Integer> badEdges = new TreeSet<>();
  private final Set<ChunkId> badGps = new TreeSet<>();
  private final Set<Integer> gpsFree = new HashSet<>();
  private final Set<ChunkId> wrongScale = new TreeSet<>();
  private final Set<ChunkId> mirrored = new TreeSet<>();

  private SyntheticCity(CityOptions options) {
    this.options = options;
    this.columns = (int) Math.round(Math.sqrt(options.chunks()));
  }

  public static SyntheticCity of(CityOptions options) {
    SyntheticCity city = new SyntheticCity(options);
    city.chooseGpsFree();
    city.chooseWrong();
    for (int i = 0; i < options.chunks(); i++) {
      city.addChunk(i);
    }
    for (int i = 0; i < options.chunks(); i++) {
      if (i % city.columns + 1 < city.columns && i + 1 < options.chunks()) {
        city.addEdge(i, i + 1);
      }
      if (i + city.columns < options.chunks()) {
        city.addEdge(i, i + city.columns);
      }
    }
    city.spoilSeams();
    return city;
  }

  public List<ChunkNode> nodes() {
    return List.copyOf(nodes);
  }

  /** In the order of their chunks. */
  public List<Edge> edges() {
    return List.copyOf(edges);
  }

  public Sim3 worldFromChunk(ChunkId chunk) {
    return worldFromChunk.get(chunk.value());
  }

  /** Indices of the edges that are not what the noise made of the truth. */
  public Set<Integer> badEdges() {
    return Set.copyOf(badEdges);
  }

  public Set<ChunkId> badGps() {
    return Set.copyOf(badGps);
  }

  public Set<ChunkId> wrongScale() {
    return Set.copyOf(wrongScale);
  }

  public Set<ChunkId> mirrored() {
    return Set.copyOf(mirrored);
  }

  /** Distance of a chunk's middle from the truth. */
  public double errorMeters(ChunkId chunk, Sim3 estimatedWorldFromChunk) {
    Vec3 center = nodes.get(chunk.value()).centerInChunk();
    return estimatedWorldFromChunk.apply(center).distanceTo(worldFromChunk(chunk).apply(center));
  }

  /**
   * Seeded twice: streams of {@link SplittableRandom} whose seeds differ by a multiple of its step
   * are shifted copies of each other.
   */
  private SplittableRandom random(Draw draw, int index) {
    long ofDraw =
        new SplittableRandom(options.seed() * Draw.values().length + draw.ordinal()).nextLong();
    return new SplittableRandom(new SplittableRandom(ofDraw + index).nextLong());
  }

  private void addChunk(int i) {
    SplittableRandom r = random(Draw.FRAME, i);
    Quaternion yaw = Quaternion.ofRotationVector(new Vec3(0, 0, 2 * Math.PI * r.nextDouble()));
    Vec3 tilt = new Vec3(r.nextGaussian(), r.nextGaussian(), 0);
    Quaternion rotation =
        Quaternion.ofRotationVector(tilt.times(Math.toRadians(TILT_SIGMA_DEGREES))).times(yaw);
    double scale = options.spacingMeters() / 2 * Math.exp(LOG_GAUGE_SIGMA * r.nextGaussian());
    Vec3 middle = middle(i);
    Vec3 center = gaussian(r); // of the cameras, in the chunk
    Sim3 frame = new Sim3(scale, rotation, middle.minus(rotation.rotate(center).times(scale)));
    worldFromChunk.add(frame);
    ChunkId chunk = new ChunkId(i);
    double radius = options.spacingMeters() / 2 / scale;
    GpsEvidence gps = gpsFree.contains(i) ? null : gps(chunk, frame, middle);
    nodes.add(new ChunkNode(chunk, PHOTOS_PER_CHUNK, center, radius, gps));
  }

  private Vec3 middle(int i) {
    double spacing = options.spacingMeters();
    return new Vec3(i % columns * spacing, (double) (i / columns) * spacing, 0);
  }

  private GpsEvidence gps(ChunkId chunk, Sim3 frame, Vec3 middle) {
    SplittableRandom bad = random(Draw.BAD_GPS, chunk.value());
    Vec3 off = Vec3.ZERO;
    if (bad.nextDouble() < options.badGpsShare()) {
      off = gaussian(bad).times(BAD_GPS_SIGMA_METERS);
      badGps.add(chunk);
    }
    SplittableRandom r = random(Draw.FIXES, chunk.value());
    double a = FIX_ARM_METERS;
    List<Vec3> arms =
        List.of(new Vec3(a, a, a), new Vec3(-a, -a, a), new Vec3(a, -a, -a), new Vec3(-a, a, -a));
    double sigma = GPS_SIGMA_METERS * Math.sqrt(arms.size());
    List<Vec3> centers = new ArrayList<>();
    List<GpsFix> fixes = new ArrayList<>();
    for (Vec3 arm : arms) {
      Vec3 at = middle.plus(arm);
      centers.add(frame.inverse().apply(at));
      Vec3 read = at.plus(gaussian(r).times(sigma)).plus(off);
      ViewId view = new ViewId((long) arms.size() * chunk.value() + fixes.size());
      fixes.add(new GpsFix(view, read, sigma, sigma));
    }
    return GpsEvidence.ofCenters(chunk, centers, fixes, GpsEvidence.Config.defaults());
  }

  private void addEdge(int a, int b) {
    if (island(a) != island(b)) {
      return;
    }
    Sim3 aFromB = worldFromChunk.get(a).inverse().after(worldFromChunk.get(b));
    SplittableRandom bad = random(Draw.BAD_EDGE, edges.size());
    SplittableRandom noise = random(Draw.EDGE, edges.size());
    Sim3 worldFromA = worldFromChunk.get(a);
    Vec3 bInA = aFromB.apply(nodes.get(b).centerInChunk());
    double distance = bInA.distanceTo(nodes.get(a).centerInChunk());
    double[] sigmas = sigmas(distance);
    Sim3 measured = moved(aFromB, bInA, noise, sigmas);
    if (isWrong(a) || isWrong(b)) {
      measured = throughWrongChunk(a, b, measured);
      badEdges.add(edges.size());
    } else if (bad.nextDouble() < options.badEdgeShare()) {
      double far = options.spacingMeters() / worldFromA.scale();
      double[] wild = {1, 1, 1, far, far, far, BAD_LOG_SCALE_SIGMA};
      measured = moved(aFromB, bInA, bad, wild);
      badEdges.add(edges.size());
    }
    edges.add(edge(a, b, measured, covariance(bInA, sigmas)));
  }

  private static double[] sigmas(double distanceInA) {
    double turn = Math.toRadians(EDGE_ROTATION_SIGMA_DEGREES);
    double move = EDGE_RELATIVE_SIGMA * distanceInA;
    return new double[] {turn, turn, turn, move, move, move, EDGE_RELATIVE_SIGMA};
  }

  /** {@code aFromB} with b turned and scaled about its own middle, and moved, at random. */
  private static Sim3 moved(Sim3 aFromB, Vec3 bInA, SplittableRandom random, double[] sigmas) {
    double[] xi = new double[Sim3Tangent.SIZE];
    for (int i = 0; i < xi.length; i++) {
      xi[i] = sigmas[i] * random.nextGaussian();
    }
    Sim3 fromMiddle = translation(bInA.times(-1)).after(aFromB);
    return translation(bInA).after(Sim3Tangent.perturb(fromMiddle, xi));
  }

  private static double[] covariance(Vec3 bInA, double[] sigmas) {
    double[] aboutMiddle = new double[Sim3Tangent.SIZE * Sim3Tangent.SIZE];
    for (int i = 0; i < sigmas.length; i++) {
      aboutMiddle[i * (Sim3Tangent.SIZE + 1)] = sigmas[i] * sigmas[i];
    }
    return Sim3Tangent.pack(Sim3Tangent.carry(translation(bInA), aboutMiddle));
  }

  private static Edge edge(int a, int b, Sim3 aFromB, double[] covariance28) {
    return new Edge(
        new ChunkId(a),
        new ChunkId(b),
        Edge.Kind.OVERLAP,
        aFromB,
        covariance28,
        5,
        5,
        500,
        500,
        EDGE_RELATIVE_SIGMA,
        0,
        Double.NaN,
        Double.NaN,
        Edge.Verdict.ACCEPTED);
  }

  /**
   * What the evidence makes of an edge at a wrong chunk. Points 1.5 times too large for their
   * cameras: the cameras in the overlap stay where they are, the rest grows about them. Mirrored
   * depth: the overlap, flat but for the depth, fits best after half a turn about its long axis,
   * which is across the edge.
   */
  private Sim3 throughWrongChunk(int a, int b, Sim3 aFromB) {
    Sim3 worldFromA = worldFromChunk.get(a);
    Vec3 along = middle(b).minus(middle(a));
    Vec3 across = along.cross(new Vec3(0, 0, 1)).normalized();
    Vec3 overlap = worldFromA.inverse().apply(middle(a).plus(along.times(0.5)));
    if (mirrored.contains(new ChunkId(a)) != mirrored.contains(new ChunkId(b))) {
      Vec3 axis = worldFromA.rotation().inverse().rotate(across);
      Sim3 half = new Sim3(1, Quaternion.ofRotationVector(axis.times(Math.PI)), Vec3.ZERO);
      return about(overlap, half).after(aFromB);
    }
    double factor =
        (wrongScale.contains(new ChunkId(b)) ? 1 / WRONG_SCALE : 1)
            * (wrongScale.contains(new ChunkId(a)) ? WRONG_SCALE : 1);
    return about(overlap, new Sim3(factor, Quaternion.IDENTITY, Vec3.ZERO)).after(aFromB);
  }

  private static Sim3 about(Vec3 pivot, Sim3 change) {
    return translation(pivot).after(change).after(translation(pivot.times(-1)));
  }

  private boolean isWrong(int i) {
    ChunkId chunk = new ChunkId(i);
    return wrongScale.contains(chunk) || mirrored.contains(chunk);
  }

  private void chooseWrong() {
    SplittableRandom r = random(Draw.WRONG, 0);
    Set<Integer> taken = new HashSet<>();
    while (taken.size() < options.wrongScaleChunks() + options.mirroredChunks()) {
      int i = r.nextInt(options.chunks());
      if (taken.add(i)) {
        (wrongScale.size() < options.wrongScaleChunks() ? wrongScale : mirrored)
            .add(new ChunkId(i));
      }
    }
  }

  private void chooseGpsFree() {
    int side = Math.max(2, columns / 8);
    SplittableRandom r = random(Draw.REGION, 0);
    for (int region = 0; region < options.gpsFreeRegions(); region++) {
      int corner = r.nextInt(options.chunks());
      for (int k = 0; k < side * side; k++) {
        int column = corner % columns + k % side;
        if (column < columns) {
          gpsFree.add((corner / columns + k / side) * columns + column);
        }
      }
    }
    for (int i = 0; i < options.chunks(); i++) {
      if (island(i) >= options.islands() - options.islandsWithoutGps()) {
        gpsFree.add(i);
      }
    }
  }

  private int island(int i) {
    return i % columns * options.islands() / columns;
  }

  /** Shifts edges from one column to the next, some rows in a row, by the same way in the world. */
  private void spoilSeams() {
    SplittableRandom r = random(Draw.SEAM, 0);
    for (int seam = 0; seam < options.badEdgeSeams(); seam++) {
      int corner = r.nextInt(options.chunks());
      Vec3 off = new Vec3(r.nextGaussian(), r.nextGaussian(), 0).times(options.spacingMeters());
      for (int k = 0; k < SEAM_EDGES; k++) {
        shift(corner + k * columns, off);
      }
    }
  }

  private void shift(int a, Vec3 offInWorld) {
    for (int e = 0; e < edges.size(); e++) {
      Edge edge = edges.get(e);
      if (edge.a().value() == a && edge.b().value() == a + 1) {
        Sim3 worldFromA = worldFromChunk.get(a);
        Vec3 offInA =
            worldFromA.rotation().inverse().rotate(offInWorld).times(1 / worldFromA.scale());
        Sim3 shifted = translation(offInA).after(edge.aFromB());
        edges.set(e, edge(a, a + 1, shifted, edge.covariance28()));
        badEdges.add(e);
      }
    }
  }

  private static Sim3 translation(Vec3 t) {
    return new Sim3(1, Quaternion.IDENTITY, t);
  }

  private static Vec3 gaussian(SplittableRandom r) {
    return new Vec3(r.nextGaussian(), r.nextGaussian(), r.nextGaussian());
  }
}
