/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file plant.h  Bugs that tests plant, to prove that the simulator can fail
 *
 * The programs of the house are built without CORE_PLANTS: then every
 * PLANTED_BUG() is false and the compiler removes what it guards. With it the
 * core is wrong in the one way that core_planted says (tests/sim).
 */
#ifndef RINGBACK_CORE_PLANT_H
#define RINGBACK_CORE_PLANT_H

#include <stdbool.h>

enum plant {
	PLANT_NEWEST_FIRST = 1, /**< the queue is a stack                    */
	PLANT_CROSSING_ACCEPT,  /**< an accept that comes too late connects  */
	PLANT_NO_LAST_UPDATE,   /**< calls without talk end untold           */
	PLANT_FREED_EARLY,      /**< free before the withdrawn leg is over   */
	PLANT_OTHERS_RING_ON,   /**< a pick-up does not stop the other rings */
	PLANT_FAILURES_KEPT,    /**< a pick-up ends no row of failures   */
	PLANT_NOT_RUNG_TOO,     /**< one ring is enough for a caller         */
	PLANT_REST_FIRST,       /**< all ring for the first caller first     */
	PLANT_NEVER_OFF,        /**< nobody is ever found unreachable        */
	PLANT_ONE_TOO_MANY,     /**< one ring more than is set for a caller  */
	PLANT_ALWAYS_FIRST,     /**< round robin begins anew each time       */
	PLANT_FORGOTTEN_PROMISE, /**< gone while it is written down: gave up */
	PLANT_LOST_OWNER,       /**< going off duty hands nothing over       */
	PLANT_TWO_AT_ONCE,      /**< two ring-backs for one caller at once   */
	PLANT_RUNG_ON_THE_LINE, /**< rung back while they are on the line    */
	PLANT_LIVE_STARVED,     /**< ring-backs come first, and no limit     */
	PLANT_LANGUAGE_IGNORED, /**< anybody is rung for any language        */
	PLANT_RUNG_AGAIN,       /**< a kept promise is rung once more        */
	PLANT_NEVER_OVERDUE,    /**< no promise climbs                       */
	PLANT_ATTEMPT_UNCOUNTED, /**< attempts are not counted               */
	PLANT_MESSAGE_DROPPED,  /**< what was said is deleted                */
	PLANT_PLACE_LOST,       /**< who redials waits anew                  */
	PLANT_READY_UNHEARD,    /**< wrap-up lasts, whoever says it is over  */
	PLANT_RESERVED_FOR_ALL, /**< whoever asks for it, all are rung       */
	PLANT_LINES_IGNORED,    /**< all are rung for every line             */
	PLANT_LOST_HUNG_UP_ON,  /**< a lost counsellor ends the call         */
	PLANT_GUEST_LEFT_BEHIND, /**< the caller goes, and the guest stays   */
	PLANT_ASIDE_FOR_EVER,   /**< the guest goes, and hold sound stays    */
	PLANT_BOTH_STAY,        /**< who has handed over is not released     */
	PLANT_HEIR_SENT_AWAY,   /**< the guest goes with the counsellor      */
	PLANT_SECOND_GUEST,     /**< another one is rung, and the first too  */
	PLANT_THREE_UNTOLD,     /**< all three talk, and nobody joins them   */
	PLANT_GUEST_OF_ANY_LINE, /**< anybody at all may be asked            */
	PLANT_REFUSED_GAVE_UP,  /**< who was refused has given up            */
	PLANT_RUNG_UNOPENED,    /**< rung back while the number waits        */
	PLANT_STILL_WAITS,      /**< a number that is back goes on waiting   */
	PLANT_BLOCK_IGNORED,    /**< a blocked caller is one like any other  */
	PLANT_TALK_DROPPED,     /**< after a restart, who talked waits       */
	PLANT_PLACE_ANEW,       /**< after a restart, all wait anew          */
	PLANT_RUNG_IN_TALK,     /**< after a restart, who talks is rung      */
	PLANT_ANY_KEY,          /**< in a flood any key will do              */
	PLANT_PAUSE_CUT_SHORT,  /**< after a restart, who writes up is free  */
};

#ifdef CORE_PLANTS
extern int core_planted; /* enum plant, 0 none; of whoever links this core */
#define PLANTED_BUG(plant) ((int)(plant) == core_planted)
#else
#define PLANTED_BUG(plant) ((void)(plant), false)
#endif

#endif
