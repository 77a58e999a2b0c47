package dev.tessera.partition;

import dev.tessera.partition.Layout.Piece;
import dev.tessera.partition.Link.Metric;
import dev.tessera.partition.PlannedChunk.Kind;
import dev.tessera.partition.SequenceHistogram.Key;
import dev.tessera.partition.SiteHistogram.Tally;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which chunk owns what, and who borrows how many views from whom: made on the driver from counts,
 * read on executors per view.
 *
 * <p>Occupied cells are split by a balanced kd tree, views without a position into windows of the
 * sequence. Each cell, or block of the sequence within a crowded cell, has one owner. The capacity
 * for owned views starts at {@code maxViews (1 - haloShare)} and is lowered until the least halos
 * of a spanning tree of the chunk graph fit; if they never do, each chunk is tied to the next along
 * the split only. Links beyond the tree are kept, strongest first, as long as there is room.
 *
 * <p>Cost: n log^2 n in occupied cells; linear in the views that look up their owner.
 */
public final class ChunkPlan implements Serializable {
  /** Capacities tried are this share apart. */
  private static final int CAPACITY_STEPS = 12;

  /** What one chunk lends to one neighbour. */
  private record Loan(int borrower, int quota, Metric metric, double reachMeters)
      implements Serializable {}

  private record Owner(int chunk, int x, int y) implements Serializable {}

  private final Grid grid;
  private final SequenceHistogram keys;
  private final Map<Key, Owner> owners = new HashMap<>();
  private final List<Footprint> footprints = new ArrayList<>();
  private final List<List<Loan>> loans = new ArrayList<>();
  private final List<PlannedChunk> chunks = new ArrayList<>();
  private final List<Adjacency> adjacencies = new ArrayList<>();
  private final List<Border> borders;

  private ChunkPlan(
      Grid grid,
      SequenceHistogram keys,
      Layout layout,
      List<HaloBudget.Grant> grants,
      List<Link> neighbours) {
    this.grid = grid;
    this.borders =
        neighbours.stream()
            .map(link -> new Border(new ChunkId(link.a()), new ChunkId(link.b())))
            .distinct()
            .sorted()
            .toList();
    this.keys = keys;
    for (Piece piece : layout.pieces()) {
      for (Atom atom : piece.atoms()) {
        owners.put(atom.key(), new Owner(footprints.size(), atom.x(), atom.y()));
      }
      footprints.add(piece.footprint());
      loans.add(new ArrayList<>());
    }
    int[] borrowed = new int[footprints.size()];
    for (HaloBudget.Grant grant : grants) {
      Link link = grant.link();
      lend(link, link.b(), link.a(), grant.borrowedBy(link.a()), borrowed);
      lend(link, link.a(), link.b(), grant.borrowedBy(link.b()), borrowed);
      adjacencies.add(
          new Adjacency(
              new ChunkId(link.a()),
              new ChunkId(link.b()),
              grant.borrowedBy(link.a()),
              grant.borrowedBy(link.b())));
    }
    adjacencies.sort(
        (one, two) ->
            one.a().equals(two.a()) ? one.b().compareTo(two.b()) : one.a().compareTo(two.a()));
    for (int i = 0; i < borrowed.length; i++) {
      chunks.add(describe(i, layout.pieces().get(i).kind(), borrowed[i]));
    }
  }

  /**
   * Plans the chunks of a collection counted whole.
   *
   * @param crowds made by {@link SiteHistogram#crowds} of the complete {@code cells}, then given
   *     all the sites too
   */
  public static ChunkPlan of(
      SiteHistogram cells, SequenceHistogram crowds, ChunkPlanner.Config config) {
    List<Atom> atoms = atoms(cells, crowds);
    double side = cells.cellMeters();
    SequenceHistogram keys = crowds.emptyCopy();
    if (cells.views() == 0) {
      return new ChunkPlan(
          cells.grid(), keys, Layout.split(atoms, side, 1, 1), List.of(), List.of());
    }
    if (cells.views() <= config.maxViews()) {
      return new ChunkPlan(cells.grid(), keys, Layout.whole(atoms, side), List.of(), List.of());
    }
    int most = mostOwned(config);
    int least = Math.max(config.minSharedViews(), config.grainViews());
    int step = Math.max(1, most / CAPACITY_STEPS);
    for (int capacity = most; capacity >= least; capacity -= step) {
      Layout layout = Layout.split(atoms, side, capacity, config.minSharedViews());
      ChunkLinks links = new ChunkLinks(layout, config.minSharedViews());
      List<HaloBudget.Grant> grants =
          HaloBudget.share(layout.owned(), links.tree(), links.others(), config);
      if (grants != null) {
        return new ChunkPlan(cells.grid(), keys, layout, grants, links.borders());
      }
    }
    return chained(cells, keys, atoms, config);
  }

  private static ChunkPlan chained(
      SiteHistogram cells, SequenceHistogram keys, List<Atom> atoms, ChunkPlanner.Config config) {
    int least = Math.max(config.minSharedViews(), config.grainViews());
    for (int capacity = mostOwned(config); capacity >= least; capacity--) {
      Layout layout = Layout.split(atoms, cells.cellMeters(), capacity, config.minSharedViews());
      ChunkLinks links = new ChunkLinks(layout, config.minSharedViews());
      List<HaloBudget.Grant> grants =
          HaloBudget.share(layout.owned(), links.chain(), List.of(), config);
      if (grants != null) {
        return new ChunkPlan(cells.grid(), keys, layout, grants, links.borders());
      }
    }
    throw new IllegalArgumentException(
        "Cannot plan chunks of %d views: no room for %d shared views per border"
            .formatted(config.maxViews(), config.minSharedViews()));
  }

  /** The chunks, in order of their ids 0, 1, 2, ... */
  public List<PlannedChunk> chunks() {
    return List.copyOf(chunks);
  }

  /** The pairs of chunks to align, ordered by ids. They connect all chunks. */
  public List<Adjacency> adjacencies() {
    return List.copyOf(adjacencies);
  }

  /** The pairs of chunks that are neighbours, with or without room for a halo, in order. */
  public List<Border> borders() {
    return borders;
  }

  /**
   * The one owner of a view of the planned collection.
   *
   * @throws IllegalArgumentException if no view was counted where this one is
   */
  public ChunkId ownerOf(ViewSite site) {
    return new ChunkId(owner(site).chunk());
  }

  /**
   * The neighbours that may borrow the view, and how near it is to them: a superset of what they do
   * borrow, kept small by distance. {@link HaloSelection} per borrower and lender makes the choice.
   */
  public List<HaloOffer> haloOffers(ViewSite site) {
    Owner owner = owner(site);
    List<HaloOffer> offers = new ArrayList<>();
    for (Loan loan : loans.get(owner.chunk())) {
      Footprint borrower = footprints.get(loan.borrower());
      double meters = loan.metric() == Metric.SPACE ? distance(site, owner, loan) : 0;
      if (meters <= loan.reachMeters()) {
        offers.add(
            new HaloOffer(
                new ChunkId(loan.borrower()),
                new ChunkId(owner.chunk()),
                site.view(),
                site.order(),
                meters,
                meters > 0 ? 0 : borrower.orderGap(site.order())));
      }
    }
    return offers;
  }

  /** How many views the borrower takes from the lender; 0 if they are not adjacent. */
  public int quota(ChunkId borrower, ChunkId lender) {
    return loans.get(lender.value()).stream()
        .filter(loan -> loan.borrower() == borrower.value())
        .mapToInt(Loan::quota)
        .findAny()
        .orElse(0);
  }

  private Owner owner(ViewSite site) {
    Owner owner = owners.get(keys.keyOf(site));
    if (owner == null) {
      throw new IllegalArgumentException(
          "Cannot find the owner of view %s: it was not counted in the plan"
              .formatted(site.view()));
    }
    return owner;
  }

  private double distance(ViewSite site, Owner owner, Loan loan) {
    Footprint borrower = footprints.get(loan.borrower());
    double side = grid.cellMeters();
    double east = site.hasPosition() ? site.eastMeters() : (owner.x() + 0.5) * side;
    double north = site.hasPosition() ? site.northMeters() : (owner.y() + 0.5) * side;
    return borrower.distanceMeters(east, north, loan.reachMeters());
  }

  private void lend(Link link, int lender, int borrower, int quota, int[] borrowed) {
    if (quota == 0) {
      return;
    }
    // a view is at most the diagonal of its cell, 1.42 sides, farther than the cell
    double reach =
        link.metric() == Metric.SPACE
            ? footprints.get(borrower).reachMeters(footprints.get(lender), quota)
                + 1.5 * grid.cellMeters()
            : Double.POSITIVE_INFINITY;
    loans.get(lender).add(new Loan(borrower, quota, link.metric(), reach));
    borrowed[borrower] += quota;
  }

  private PlannedChunk describe(int chunk, Kind kind, int borrowed) {
    Footprint f = footprints.get(chunk);
    boolean placed = kind == Kind.SPATIAL;
    return new PlannedChunk(
        new ChunkId(chunk),
        kind,
        f.owned(),
        borrowed,
        placed ? f.minEastMeters() : Double.NaN,
        placed ? f.minNorthMeters() : Double.NaN,
        placed ? f.maxEastMeters() : Double.NaN,
        placed ? f.maxNorthMeters() : Double.NaN,
        f.firstOrder(),
        f.lastOrder());
  }

  private static int mostOwned(ChunkPlanner.Config config) {
    int withHalo = (int) Math.floor(config.maxViews() * (1 - config.haloShare()));
    return Math.min(withHalo, config.maxViews() - config.minSharedViews());
  }

  private static List<Atom> atoms(SiteHistogram cells, SequenceHistogram crowds) {
    List<Atom> atoms = new ArrayList<>();
    cells.tallies().forEach((cell, tally) -> addCell(atoms, crowds, cell, tally));
    if (cells.unpositioned() > 0 && !crowds.isCrowded(Grid.NOWHERE)) {
      Key all = new Key(Grid.NOWHERE, SequenceHistogram.WHOLE);
      Tally tally = cells.unpositionedTally();
      atoms.add(new Atom(all, 0, 0, tally.firstOrder(), tally.lastOrder(), tally.count()));
    }
    crowds.counts().forEach((key, count) -> atoms.add(block(crowds, key, count)));
    long counted = atoms.stream().mapToLong(Atom::count).sum();
    if (counted != cells.views()) {
      throw new IllegalArgumentException(
          "Cannot plan chunks: %d views in cells, %d in cells and blocks of the sequence"
              .formatted(cells.views(), counted));
    }
    return atoms;
  }

  private static void addCell(List<Atom> atoms, SequenceHistogram crowds, long cell, Tally tally) {
    if (!crowds.isCrowded(cell)) {
      atoms.add(
          new Atom(
              new Key(cell, SequenceHistogram.WHOLE),
              Grid.x(cell),
              Grid.y(cell),
              tally.firstOrder(),
              tally.lastOrder(),
              tally.count()));
    }
  }

  private static Atom block(SequenceHistogram crowds, Key key, int count) {
    if (count > crowds.blockViews()) {
      throw new IllegalArgumentException(
          "Cannot plan chunks: orders must be distinct, %d views have an order in [%d, %d]"
              .formatted(count, crowds.firstOrder(key), crowds.lastOrder(key)));
    }
    boolean placed = key.cell() != Grid.NOWHERE;
    return new Atom(
        key,
        placed ? Grid.x(key.cell()) : 0,
        placed ? Grid.y(key.cell()) : 0,
        crowds.firstOrder(key),
        crowds.lastOrder(key),
        count);
  }
}
