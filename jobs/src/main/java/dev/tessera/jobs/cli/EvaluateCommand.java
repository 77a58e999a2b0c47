package dev.tessera.jobs.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tessera.evaluate.Evaluation;
import dev.tessera.evaluate.TrajectoryErrors;
import dev.tessera.evaluate.TrajectoryEvaluator;
import dev.tessera.evaluate.Truth;
import dev.tessera.geometry.Rigid3;
import dev.tessera.jobs.ExitCodes;
import dev.tessera.jobs.MapManifest;
import dev.tessera.jobs.TruthFile;
import dev.tessera.jobs.UsageException;
import dev.tessera.jobs.tables.MapReader;
import dev.tessera.jobs.tables.MapReader.PosedPhoto;
import dev.tessera.jobs.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares a map's cameras with the truth. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares the cameras of a map with true ones.",
      "",
      "ATE: distance of camera centres after the similarity that fits them best. AUC: area under",
      "the recall curve of the larger of relative rotation error and translation-direction error,",
      "over all pairs of photos that have a true camera; photos that are not in the map count",
      "against it. Georeferenced cameras are compared; if there are none, the largest component."
    })
public final class EvaluateCommand implements Callable<Integer> {
  @Option(
      names = "--workspace",
      required = true,
      paramLabel = "URI",
      description = "Workspace with a published map.")
  private String workspace;

  @Option(
      names = "--truth",
      required = true,
      paramLabel = "FILE",
      description = {
        "CSV with columns image, qw, qx, qy, qz (camera from world) and Cx, Cy, Cz or",
        "Cx_east, Cy_north, Cz_above_ground (centre, metres)."
      })
  private Path truthFile;

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Truth truth = TruthFile.read(truthFile);
    Configuration conf = new Configuration();
    org.apache.hadoop.fs.Path map = Workspace.map(workspace, conf);
    FileSystem fs = map.getFileSystem(conf);
    if (!fs.exists(new org.apache.hadoop.fs.Path(map, "_SUCCESS"))) {
      throw new UsageException("Cannot evaluate " + workspace + ": it has no map; run it first");
    }
    Evaluation evaluation = evaluate(truth, MapManifest.read(fs, map), new MapReader(conf, map));
    if (json) {
      ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
      spec.commandLine().getOut().println(mapper.writeValueAsString(evaluation.toFields()));
    } else {
      spec.commandLine().getOut().print(evaluation.toTable());
    }
    spec.commandLine().getOut().flush();
    return ExitCodes.OK;
  }

  private static Evaluation evaluate(Truth truth, MapManifest manifest, MapReader map)
      throws IOException {
    List<PosedPhoto> posed = map.cameras();
    boolean onEarth = posed.stream().anyMatch(PosedPhoto::georeferenced);
    Map<String, Rigid3> estimate = new TreeMap<>();
    Set<String> photos = new TreeSet<>(map.missingPhotos());
    for (PosedPhoto photo : posed) {
      photos.add(photo.name());
      if (onEarth ? photo.georeferenced() : photo.componentId() == 0) {
        estimate.put(photo.name(), photo.cameraFromWorld());
      }
    }
    TrajectoryErrors errors =
        new TrajectoryEvaluator(TrajectoryEvaluator.Config.defaults())
            .aligned(truth, photos, estimate);
    return new Evaluation(facts(manifest), errors);
  }

  private static Evaluation.MapFacts facts(MapManifest manifest) {
    Object gps = manifest.counts().get("gps_residual_median_m");
    return new Evaluation.MapFacts(
        manifest.count("photos"),
        manifest.count("registered"),
        (int) manifest.count("components"),
        (int) manifest.count("chunks"),
        gps == null ? Double.NaN : ((Number) gps).doubleValue(),
        manifest.count("points"));
  }
}
