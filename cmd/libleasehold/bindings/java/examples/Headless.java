import dev.leasehold.Agent;
import dev.leasehold.Decision;
import dev.leasehold.Event;
import dev.leasehold.EventType;
import dev.leasehold.LeaseholdException;
import dev.leasehold.NativeTransport;
import dev.leasehold.Status;
import java.nio.file.Path;

/**
 * The shortest application that enforces a licence: it runs as long as it may, and says why when it may not.
 *
 * <p>java -p JARS --add-modules dev.leasehold Headless.java LIBRARY CONFIG [KEY]
 */
public class Headless {
    public static void main(String[] args) {
        try (Agent agent = Agent.open(NativeTransport.load(Path.of(args[0])), Path.of(args[1]))) {
            Runtime.getRuntime().addShutdownHook(new Thread(agent::close)); // which ends the loop
            if (agent.status().license() == null && args.length > 2) {
                agent.activate(args[2]);
            }
            show(agent.status());
            for (Event event : agent.events()) {
                if (event.type() == EventType.STATE_CHANGED) {
                    show(event.to());
                }
            }
        } catch (LeaseholdException e) {
            System.err.println("error: " + e.getMessage() + "\nhint: " + e.hint());
            System.exit(1);
        }
    }

    private static void show(Status status) {
        show(new Decision(status.state(), status.cause(), status.code(), status.remedy(), status.until(), status.raw()));
    }

    private static void show(Decision decision) {
        switch (decision.state()) {
            case ACTIVE -> System.out.println("everything works");
            case GRACE -> System.out.println("everything works until " + decision.until() + ": " + decision.remedy());
            default -> System.out.println(decision.state().text() + " (" + decision.cause().text() + "): " + decision.remedy());
        }
    }
}
