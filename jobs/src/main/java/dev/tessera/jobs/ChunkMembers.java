package dev.tessera.jobs;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.jobs.tables.MembershipRows.Membership;
import dev.tessera.jobs.tables.ViewRows.RankedView;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.Halving;
import dev.tessera.partition.Halving.Half;
import dev.tessera.partition.PlannedChunk;
import dev.tessera.reconstruct.ChunkViews;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A chunk's views in sequence order, owned and borrowed. */
record ChunkMembers(ChunkId chunk, List<Member> members) implements Serializable {

  ChunkMembers {
    members =
        members.stream()
            .sorted(Comparator.comparingLong(member -> member.ranked().rank()))
            .toList();
  }

  /** A view of the chunk; borrowed if it is not owned. */
  record Member(RankedView ranked, boolean owned) implements Serializable {}

  /** Half of a chunk, and how it would stand in a plan. */
  record PlannedHalf(PlannedChunk planned, ChunkMembers members) implements Serializable {}

  /**
   * What the engine is given.
   *
   * @param world the frame of position priors; null for a frame of the chunk's own, its first
   *     positioned view, so that nothing but the chunk's photos matters
   */
  ChunkViews views(LocalFrame world) {
    List<View> views = members.stream().map(member -> member.ranked().view()).toList();
    return new ChunkViews(chunk, world == null ? ownFrame(views) : world, views);
  }

  private static LocalFrame ownFrame(List<View> views) {
    return views.stream()
        .filter(View::hasPosition)
        .findFirst()
        .map(v -> new LocalFrame(v.position().point()))
        .orElse(null);
  }

  List<Membership> memberships() {
    return members.stream()
        .map(member -> new Membership(chunk, member.ranked().view().id(), member.owned()))
        .toList();
  }

  /** The two halves, numbered from {@code firstId}. */
  List<PlannedHalf> halves(int firstId, LocalFrame world, int minSharedViews) {
    Map<ViewId, RankedView> byId = new HashMap<>();
    List<Halving.Member> sites = new ArrayList<>();
    for (Member member : members) {
      byId.put(member.ranked().view().id(), member.ranked());
      sites.add(new Halving.Member(PartitionJob.site(member.ranked(), world), member.owned()));
    }
    List<PlannedHalf> halves = new ArrayList<>();
    for (Half half : Halving.of(sites, minSharedViews)) {
      ChunkId id = new ChunkId(firstId + halves.size());
      List<Member> own =
          half.members().stream()
              .map(m -> new Member(byId.get(m.site().view()), m.owned()))
              .toList();
      halves.add(new PlannedHalf(half.planned(id), new ChunkMembers(id, own)));
    }
    return halves;
  }
}
