package dev.tessera.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.imagery.ViewId;
import dev.tessera.partition.ChunkPlanner.Config;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class SiteHistogramTest {
  private static final Config HUNDRED_CELLS = new Config(60, 5, 0.3, 0.5, 100);

  @Test
  void cellsAreBoundedAndEveryViewIsCounted() {
    SiteHistogram histogram = new SiteHistogram(HUNDRED_CELLS);

    SeededSites.city(1, 2_000).forEach(histogram::add);

    assertThat(histogram.cells()).isLessThanOrEqualTo(100);
    assertThat(histogram.views()).isEqualTo(2_000);
    assertThat(histogram.tallies().values().stream().mapToInt(t -> t.count()).sum())
        .isEqualTo(2_000);
  }

  @Test
  void aFineShardAndACoarseOneMergeToTheSameAsTheWhole() {
    List<ViewSite> sites = SeededSites.city(2, 1_000);
    SiteHistogram whole = new SiteHistogram(HUNDRED_CELLS);
    sites.forEach(whole::add);
    SiteHistogram few = new SiteHistogram(HUNDRED_CELLS);
    sites.subList(0, 20).forEach(few::add);
    SiteHistogram many = new SiteHistogram(HUNDRED_CELLS);
    sites.subList(20, 1_000).forEach(many::add);

    assertThat(few.cellMeters()).isLessThan(many.cellMeters());
    few.merge(many);
    assertThat(few.tallies()).isEqualTo(whole.tallies());
    assertThat(few.cellMeters()).isEqualTo(whole.cellMeters());
  }

  @Test
  void aPlanIsBoundToTheHardMaximumAlsoOnCoarseCells() {
    List<ViewSite> sites = SeededSites.city(3, 4_000);

    PartitionLaws.check(ChunkPlanner.plan(sites, HUNDRED_CELLS), sites, HUNDRED_CELLS);
  }

  @Test
  void histogramsOfDifferentGridsAreNotMerged() {
    assertThatThrownBy(
            () -> new SiteHistogram(HUNDRED_CELLS).merge(new SiteHistogram(Config.ofMaxViews(60))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot merge histograms: cells of 0.5 m (at most 100) and of 0.5 m (at most 1048576)");
  }

  @Test
  void aPlanMadeWithoutTheSecondCountIsRefused() {
    SiteHistogram cells = new SiteHistogram(HUNDRED_CELLS);
    SeededSites.nowhere(100).forEach(cells::add);

    assertThatThrownBy(() -> ChunkPlan.of(cells, cells.crowds(HUNDRED_CELLS), HUNDRED_CELLS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot plan chunks: 100 views in cells, 0 in cells and blocks of the sequence");
  }

  @Test
  void aViewThatWasNotCountedHasNoOwner() {
    SiteHistogram cells = new SiteHistogram(HUNDRED_CELLS);
    SeededSites.uniform(4, 100, 100).forEach(cells::add);
    SequenceHistogram crowds = cells.crowds(HUNDRED_CELLS);
    SeededSites.uniform(4, 100, 100).forEach(crowds::add);
    ChunkPlan plan = ChunkPlan.of(cells, crowds, HUNDRED_CELLS);

    assertThatThrownBy(() -> plan.ownerOf(new ViewSite(new ViewId(7), 1e6, 0, 7)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot find the owner of view 7: it was not counted in the plan");
  }

  @Test
  void histogramsAndPlansTravel() throws IOException, ClassNotFoundException {
    List<ViewSite> sites = SeededSites.mixed(5, 500, 0.3);
    SiteHistogram cells = new SiteHistogram(HUNDRED_CELLS);
    sites.forEach(cells::add);
    SequenceHistogram crowds = cells.crowds(HUNDRED_CELLS);
    sites.forEach(crowds::add);
    ChunkPlan plan = ChunkPlan.of(travelled(cells), travelled(crowds), HUNDRED_CELLS);

    ChunkPlan arrived = travelled(plan);

    for (ViewSite site : sites) {
      assertThat(arrived.ownerOf(site)).isEqualTo(plan.ownerOf(site));
      assertThat(travelled(arrived.haloOffers(site).toArray()))
          .isEqualTo(plan.haloOffers(site).toArray());
    }
  }

  @SuppressWarnings("unchecked")
  private static <T> T travelled(T value) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return (T) in.readObject();
    }
  }
}
